// Rows of a long list, of which only those exist that are seen: ten thousand scroll like ten. One stop for the Tab key; arrows,
// Page Up and Down, Home and End move, Enter opens.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const HEIGHT = 36; // pixels of a row; page.css has the same
const BEYOND = 8; // rows before and after those that are seen

export interface Column {
  name: string;
  title: ComponentChildren;
  sort?: () => void;
  sorted?: "ascending" | "descending" | undefined;
}

interface Props<T> {
  label: string;
  /** The class that lays out the cells of each row. */
  layout: string;
  columns: Column[];
  items: T[];
  id: (item: T) => string;
  cells: (item: T) => ComponentChildren[];
  mark?: (item: T) => string;
  open: (item: T) => void;
  /** The id of what is open. */
  opened?: string;
  /** Of a tree: how deep a row is, and whether it can be unfolded, and is. */
  depth?: (item: T) => { level: number; expanded?: boolean };
  fold?: (item: T, open: boolean) => void;
}

export function Rows<T>(props: Props<T>) {
  const { items, id, layout } = props;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [active, setActive] = useState(0);
  const [focused, setFocused] = useState(false);
  const at = Math.min(active, Math.max(0, items.length - 1));

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setHeight(element.clientHeight);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  // A shorter list may end before where it was scrolled to.
  useEffect(() => setTop(box.current?.scrollTop ?? 0), [items.length]);

  function move(to: number): void {
    const next = Math.max(0, Math.min(items.length - 1, to));
    setActive(next);
    const element = box.current;
    if (!element) return;
    const above = next * HEIGHT;
    if (above < element.scrollTop) element.scrollTop = above;
    else if (above + 2 * HEIGHT > element.scrollTop + element.clientHeight)
      element.scrollTop = above + 2 * HEIGHT - element.clientHeight;
  }

  function key(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(height / HEIGHT) - 2);
    const item = items[at];
    const steps: Record<string, () => void> = {
      ArrowDown: () => move(at + 1),
      ArrowUp: () => move(at - 1),
      PageDown: () => move(at + page),
      PageUp: () => move(at - page),
      Home: () => move(0),
      End: () => move(items.length - 1),
      Enter: () => item && props.open(item),
      ArrowRight: () => item && props.fold?.(item, true),
      ArrowLeft: () => item && props.fold?.(item, false),
    };
    const step = steps[event.key];
    if (step && event.target === box.current) {
      event.preventDefault();
      step();
    }
  }

  const first = Math.max(0, Math.floor(top / HEIGHT) - BEYOND);
  const last = Math.min(items.length, Math.ceil((top + height) / HEIGHT) + BEYOND);
  const name = (item: T) => `row-${id(item)}`;
  const current = items[at];
  const seen = current && at >= first && at < last;

  return (
    <div
      ref={box}
      class={`rows ${layout}`}
      role={props.depth ? "treegrid" : "grid"}
      aria-label={props.label}
      aria-rowcount={items.length + 1}
      aria-activedescendant={seen ? name(current) : undefined}
      tabIndex={0}
      onKeyDown={key}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <div role="rowgroup">
        <div class="row head" role="row" aria-rowindex={1}>
          {props.columns.map((column) => (
            <div key={column.name} role="columnheader" class={`c-${column.name}`} aria-sort={column.sorted}>
              {column.sort ? (
                <button type="button" tabIndex={-1} onClick={column.sort}>
                  {column.title}
                  <span class="sign" aria-hidden="true">
                    {column.sorted === "ascending" ? "▲" : column.sorted ? "▼" : ""}
                  </span>
                </button>
              ) : (
                column.title
              )}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="space" style={{ height: `${items.length * HEIGHT}px` }}>
        {items.slice(first, last).map((item, number) => {
          const place = first + number;
          const deep = props.depth?.(item);
          const classes = ["row", props.mark?.(item) ?? ""];
          if (id(item) === props.opened) classes.push("opened");
          if (focused && place === at) classes.push("active");
          return (
            <div
              key={id(item)}
              id={name(item)}
              class={classes.join(" ")}
              role="row"
              aria-rowindex={place + 2}
              aria-selected={id(item) === props.opened}
              aria-level={deep?.level}
              aria-expanded={deep?.expanded}
              style={{ transform: `translateY(${place * HEIGHT}px)` }}
              onClick={() => {
                setActive(place);
                props.open(item);
              }}
            >
              {props.cells(item).map((cell, column) => (
                <div key={column} role="gridcell" class={`c-${props.columns[column]?.name}`}>
                  {cell}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
