// The load generator, a process of its own: what it costs is not on the gate's bill.
import { serveTasks } from '../tasks.ts';
import { loadHttp } from './http-load.ts';

serveTasks(loadHttp, {});
