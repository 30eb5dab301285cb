/** What a worker says of itself, for tests that have none. */
export const workerSign = { worker: 'a-worker', place: 'test:1', startedAt: 0, version: 'v1', delivers: [], knowsRetired: [] }
