/* Work that goes on: the part marked data-progress is fetched anew every two seconds until it says
   "done", so that the page neither reloads nor moves under the reader. */
const DELAY_MS = 2000;

const look = async () => {
  const part = document.querySelector("[data-progress='running']");
  if (!part) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-progress]");
    if (answer.ok && fresh) part.replaceWith(fresh);
  } catch {
    // Without a connection the next look may do better.
  }
  setTimeout(look, DELAY_MS);
};

setTimeout(look, DELAY_MS);
