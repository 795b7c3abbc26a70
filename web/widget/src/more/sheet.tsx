/** The hand-over to another door: a link for this device, a QR code for the other one. */
import { Component, createRef, Fragment, h } from "preact";
import type { ContinueLink } from "../protocol.ts";
import { fill, words } from "../strings/strings.ts";
import { doorName, Glyph, Icon, onwards } from "../panel/icons.tsx";
import { Qr } from "./qr.tsx";

export interface SheetProps {
  doors: string[];
  chosen: string | null;
  link: ContinueLink | null;
  choose: (channel: string) => void;
  close: () => void;
}

export class Sheet extends Component<SheetProps> {
  private readonly box = createRef<HTMLDivElement>();

  override componentDidMount(): void {
    this.box.current?.querySelector("button")?.focus();
  }

  override render({ doors, chosen, link, choose, close }: SheetProps) {
    const ready = link && link.channel === chosen ? link : null;
    const title = chosen ? onwards(chosen) : words.more;
    return (
      <div class="veil" onClick={(event) => event.target === event.currentTarget && close()}>
        <div class="sheet" role="dialog" aria-modal="true" aria-label={title} ref={this.box}>
          <div class="top">
            <b class="grow">{title}</b>
            <button class="icon" aria-label={words.close} onClick={close}>
              <Icon name="close" />
            </button>
          </div>
          <div class="doors">
            {doors.map((channel) => (
              <button class="door" aria-pressed={channel === chosen} onClick={() => choose(channel)}>
                <Glyph channel={channel} />
                {doorName(channel)}
              </button>
            ))}
          </div>
          {ready && (
            <>
              <p>{words.scan}</p>
              <Qr svg={ready.qr} label={title} />
              {ready.code && !/start=/.test(ready.url) && (
                <p class="code">
                  {words.code} <b>{ready.code}</b>
                </p>
              )}
              {/^(https|sms|mailto):/.test(ready.url) && (
                <a class="wide" href={ready.url} target="_blank" rel="noopener noreferrer">
                  {fill(words.open, doorName(ready.channel))}
                </a>
              )}
            </>
          )}
        </div>
      </div>
    );
  }
}
