#!/usr/bin/env node
import { fail } from './output.ts';
import { createProgram } from './program.ts';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  fail(error);
}
