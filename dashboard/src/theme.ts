/** The colour scheme; `system` follows the operating system. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'postern.theme';

/** The theme that is stored in this browser. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Applies a theme and stores it in this browser. */
export function applyTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  localStorage.setItem(KEY, theme);
}
