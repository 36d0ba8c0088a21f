// The face of the command line, for who calls it from code.
export type { ExitStatus, Output, Sink } from './command.ts';
export { doctor } from './doctor/doctor.ts';
