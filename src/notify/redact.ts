/** Shorter ones would blacken half of every sentence, and protect nothing. */
const SECRET_LENGTH_MIN = 4;

/** Shorter parts of a path, such as `services` and `webhook`, are words and no tokens. */
const TOKEN_LENGTH_MIN = 9;

export type Redact = (text: string) => string;

/**
 * A function that takes the given secrets out of any text, as they are and as they look in a URL. Of a webhook's URL
 * everything behind the host is secret: that is where Slack, Feishu and the others have their token.
 */
export function redactor(given: {
  readonly url?: string | undefined;
  readonly secrets: readonly string[];
}): Redact {
  const parts = new Set([...given.secrets, ...(given.url === undefined ? [] : secretPartsOf(given.url))]);
  const written = [...parts].flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const needles = [...new Set(written)]
    .filter(({ length }) => length >= SECRET_LENGTH_MIN)
    .toSorted((a, b) => b.length - a.length);
  return (text) =>
    withoutUrlSecrets(needles.reduce((clean, needle) => clean.replaceAll(needle, "***"), text));
}

/** The URLs in a text without user, password, query and fragment. */
export function withoutUrlSecrets(text: string): string {
  return text.replace(
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#"'<>]*@)?([^\s?#"'<>]*)([?#][^\s"'<>]*)?/gi,
    (_, scheme: string, rest: string, query?: string) => `${scheme}${rest}${query ? "?***" : ""}`,
  );
}

function secretPartsOf(address: string): readonly string[] {
  if (!URL.canParse(address)) return [address];
  const url = new URL(address);
  const path = url.pathname.split("/").filter((part) => part.length >= TOKEN_LENGTH_MIN);
  return [
    `${url.pathname}${url.search}`,
    ...path,
    ...url.searchParams.values(),
    url.username,
    url.password,
  ].filter((part) => part !== "/");
}
