/** The simulator in a thread of its own, so that GitHub's work does not slow down the screen that looks at it. */
import {parentPort, workerData} from 'node:worker_threads';
import {fastClock} from '../edges/clock.ts';
import {loadSchema} from './schema.ts';
import {startSimulator} from './server.ts';

export type WorkerQuestion = {scenario: string; startsAt: number; speed: number};
/** `beganAt`: real time at which the simulated time began, for a clock in another thread that agrees. */
export type WorkerAnswer = {graphqlUrl: string; restUrl: string; beganAt: number};

const {scenario, startsAt, speed} = workerData as WorkerQuestion;
// The schema takes a third of a second, in which a fast clock would already be minutes on.
loadSchema();
const beganAt = Date.now();
const {graphqlUrl, restUrl} = await startSimulator({scenario, from: startsAt, clock: fastClock(startsAt, speed, beganAt)});
parentPort!.postMessage({graphqlUrl, restUrl, beganAt} satisfies WorkerAnswer);
