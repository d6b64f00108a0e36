// Renders again only where a property is another one: a log has hundreds of rows, and mostly one of them changes.

import { Component, type ComponentChild } from "preact";

export function memo<P extends object>(render: (props: P) => ComponentChild): new (props: P) => Component<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return (Object.keys(next) as (keyof P)[]).some((key) => !same(this.props[key as keyof typeof this.props], next[key as keyof typeof next]));
    }

    override render(): ComponentChild {
      return render(this.props);
    }
  };
}

/** Messages are made anew from the log, and mostly say the same. */
function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  return typeof one === "object" && typeof other === "object" && JSON.stringify(one) === JSON.stringify(other);
}
