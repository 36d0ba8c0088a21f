// The face of the command line, for who calls it from code.
export { doctor, type ExitStatus, type Output, type Sink } from './doctor/doctor.ts';
