/** Calls `more` whenever the element comes near the view; for lists that page as one scrolls. */
export function watchEnd(element: HTMLElement, more: () => Promise<unknown>) {
  let busy = false;
  const observer = new IntersectionObserver(
    async (entries) => {
      if (busy || !entries.some((entry) => entry.isIntersecting)) return;
      busy = true;
      await more();
      busy = false;
      // Observing anew asks again at once if the end is still in view.
      observer.unobserve(element);
      if (element.isConnected) observer.observe(element);
    },
    { rootMargin: '600px' },
  );
  observer.observe(element);
  return { destroy: () => observer.disconnect() };
}
