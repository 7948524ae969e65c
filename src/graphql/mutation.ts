import { Arg, Ctx, Field, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { MetricLayerError } from '../core/errors.ts';
import { shortInstant } from '../core/instant.ts';
import type { RequestContext } from './context.ts';
import { DateTime } from './scalars.ts';

@InputType({ description: 'What to read again. The experiments come from their tables, all at once.' })
export class RefreshInput {
  @Field(() => [String], { nullable: true, description: 'Keys that must be there afterwards.' })
  experiments?: string[] | null;
  @Field(() => [String], { nullable: true, description: 'Not offered in this version: null.' })
  models?: string[] | null;
}

@ObjectType({ description: 'What the caller asked for and cannot have, in words.' })
export class UserError {
  @Field(() => String) code!: string;
  @Field(() => String) message!: string;
  @Field(() => [String], { nullable: true, description: 'Where in the arguments.' }) field!: string[] | null;
}

@ObjectType()
export class RefreshPayload {
  @Field(() => DateTime, { nullable: true, description: 'null: nothing was read.' }) refreshedAt!: string | null;
  @Field(() => Int, { nullable: true, description: 'Statements that it took.' }) statements!: number | null;
  @Field(() => [UserError]) userErrors!: UserError[];
}

@Resolver()
export class RootMutation {
  @Mutation(() => RefreshPayload, {
    description:
      'Reads the experiments tables again, now; requests that are running keep the snapshot they began with.',
  })
  async refresh(
    @Ctx() { service, dry }: RequestContext,
    @Arg('input', () => RefreshInput) input: RefreshInput,
  ): Promise<RefreshPayload> {
    if (dry) throw new MetricLayerError('BAD_USER_INPUT', 'A mutation cannot be explained: it would have to be run.');
    if (input.models != null)
      return refused('NOT_SUPPORTED', 'Models are not offered in this version. Leave models out.', 'models');
    const statements = await service.refresh();
    const { experiments } = service.catalog();
    const unknown = (input.experiments ?? []).filter((key) => !experiments.has(key)).map((key) => key.slice(0, 80));
    const userErrors =
      unknown.length === 0
        ? []
        : [
            userError(
              'UNKNOWN_EXPERIMENT',
              `There is no experiment ${unknown
                .slice(0, 5)
                .map((key) => `"${key}"`)
                .join(', ')}.`,
              'experiments',
            ),
          ];
    return { refreshedAt: shortInstant(service.clock().toISOString()), statements, userErrors };
  }
}

function userError(code: string, message: string, field: string): UserError {
  return { code, message, field: ['input', field] };
}

function refused(...error: Parameters<typeof userError>): RefreshPayload {
  return { refreshedAt: null, statements: null, userErrors: [userError(...error)] };
}
