import { z } from 'zod';
import { coded } from '../metric-types/coded.ts';
import { textSchema } from './scalar-schemas.ts';

const COUNT = coded('CAT_VALUE', 'must be a whole number, 1 or more');

/** A count, or text that becomes one once its environment variables are filled in. */
const count = z.union([z.int({ error: COUNT }).min(1, { error: COUNT }), z.string()], { error: COUNT });

/** Its fault does not repeat what was written: messages that start with `must` do. */
const secret = z.string({ error: coded('CAT_TYPE', 'is not text; put it in quotes') }).optional();

const auth = z
  .strictObject(
    {
      password: secret.meta({ description: 'Of `user`; to be taken from an environment variable.' }),
      token: secret.meta({ description: 'A JSON Web Token.' }),
      tokenFile: textSchema.optional().meta({ description: 'A file that holds a token; read again for each query.' }),
      certificate: textSchema.optional().meta({ description: 'A PEM file, relative to the catalog.' }),
      key: textSchema.optional().meta({ description: 'The PEM file of its private key.' }),
      passphrase: secret.meta({ description: 'Of the private key.' }),
    },
    {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? coded('CAT_TYPE', 'is not a map of one kind of proof, such as `password`')
          : undefined,
    },
  )
  .meta({ description: 'One of: password; token; tokenFile; certificate and key.' });

const scanBudget = z
  .strictObject({
    bytes: count.optional().meta({ description: 'Such as 50GB or 1TiB.' }),
    rows: count.optional(),
    unknown: z
      .enum(['refuse', 'allow'])
      .optional()
      .meta({ description: 'What becomes of statements that Trino has no estimate for; left out: refuse.' }),
  })
  .meta({ description: 'What one request may read, by the estimates of the engine before its statements run.' });

/** YAML of the Trino engine. Every text may use environment variables. */
export const TRINO_FIELDS = {
  kind: z.literal('trino'),
  server: textSchema.meta({ description: 'URL of the coordinator, such as https://trino.example:8443.' }),
  catalog: textSchema.optional().meta({ description: 'Where tables are looked up that name no catalog.' }),
  schema: textSchema.optional().meta({ description: 'Where tables are looked up that name no schema.' }),
  user: textSchema.optional().meta({ description: 'Who the service is to Trino; left out: liftql.' }),
  auth: auth.optional(),
  ca: textSchema
    .optional()
    .meta({ description: "A PEM file of the authorities that the server's certificate may come from." }),
  allowInsecureAuth: z.boolean().optional().meta({ description: 'Lets a secret go over plain http.' }),
  impersonate: z
    .strictObject({
      header: textSchema,
      probe: textSchema
        .optional()
        .meta({ description: 'Whom the check at the start asks as; left out: liftql-probe.' }),
    })
    .optional()
    .meta({ description: 'Runs queries as the user that the authenticating proxy in front names in this header.' }),
  source: textSchema.optional().meta({ description: "Trino's name of the application; left out: liftql." }),
  clientTags: z.array(textSchema).optional().meta({ description: 'For selectors of resource groups.' }),
  session: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .meta({ description: 'Session properties, such as query_priority.' }),
  concurrency: count.optional().meta({ description: 'Statements that run at once; left out: 4.' }),
  queue: count.optional().meta({ description: 'Statements that may wait; left out: 256.' }),
  timeout: textSchema.optional().meta({ description: 'What one statement may take; left out: 60s.' }),
  trustedOrigins: z
    .array(textSchema)
    .optional()
    .meta({ description: 'Origins beside the server that pages of results may come from.' }),
  scanBudget: scanBudget.optional(),
};
