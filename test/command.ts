// Whether this machine has a command that tests need.
import { spawnSync } from 'node:child_process';

/**
 * Whether the command is installed. If it is not, the output names the tests that are left out.
 * @param version the argument with which the command prints its version and ends
 * @throws Error if it is not installed and `CI` is set: there no test may be left out
 */
export const hasCommand = (command: string, version: string, tests: string): boolean => {
  if (spawnSync(command, [version]).status === 0) return true;
  if (process.env['CI']) throw new Error(`${command} is not installed: ${tests}`);
  console.warn(`NOT RUN, as ${command} is not installed: ${tests}`);
  return false;
};
