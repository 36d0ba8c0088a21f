// The face of the command line, for who calls it from code.
export { doctor } from './doctor/doctor.ts';
