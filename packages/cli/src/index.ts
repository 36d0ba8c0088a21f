// The face of the command line, for who calls it from code.
export { doctor, type ExitStatus, type Output } from './doctor/doctor.ts';
