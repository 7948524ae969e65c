import { assertNever } from '../../core/assert-never.ts';
