// Node 20 does not hand a worker thread the loader that runs TypeScript in the main one.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
