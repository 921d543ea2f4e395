/** The simulator in a thread of its own, so that GitHub's work does not slow down the screen that looks at it. */
import {parentPort, workerData} from 'node:worker_threads';
import {fastClock} from '../edges/clock.ts';
import {startSimulator} from './server.ts';

export type WorkerQuestion = {scenario: string; startsAt: number; speed: number; beganAt: number};
export type WorkerAnswer = {graphqlUrl: string; restUrl: string};

const {scenario, startsAt, speed, beganAt} = workerData as WorkerQuestion;
const {graphqlUrl, restUrl} = await startSimulator({scenario, clock: fastClock(startsAt, speed, beganAt)});
parentPort!.postMessage({graphqlUrl, restUrl} satisfies WorkerAnswer);
