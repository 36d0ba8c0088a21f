// VitePress' own theme, with the system's fonts, and readable and operable by everyone.
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
