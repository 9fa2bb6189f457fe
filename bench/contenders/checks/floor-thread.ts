import { parentPort, workerData } from 'node:worker_threads';
import { compileFloor, passesFloor } from './floor.ts';

const { bytes, schemaPath } = workerData;
parentPort?.postMessage(passesFloor(bytes, compileFloor(schemaPath)));
