/** The API server for tests, at the path where programs beside this repository look for it. */
export * from '../../../scripts/lab/api-server/server.ts';
