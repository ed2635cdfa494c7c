// Runs before the first paint, so that a chosen theme does not flash the system's.
(function () {
  try {
    var theme = localStorage.getItem('florin.theme');
    if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be switched off; the system's theme applies.
  }
})();
