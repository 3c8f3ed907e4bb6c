/** Which colours are shown; `system` follows the machine. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'postern.theme';

/** The viewer's choice, kept in this browser. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Shows a theme, and keeps it as the viewer's choice. */
export function applyTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  localStorage.setItem(KEY, theme);
}
