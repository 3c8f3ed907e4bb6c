// The load generator. It is a separate process, so that its CPU time is not counted for the gate.
import { serveTasks } from '../tasks.ts';
import { loadHttp } from './http-load.ts';

serveTasks(loadHttp, {});
