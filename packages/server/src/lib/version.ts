// The version of this package, as its log lines and its instances tell it.
export { version } from '../../package.json';
