#!/usr/bin/env node
import { createProgram } from './program.ts';
import { fail } from './output.ts';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  fail(error);
}
