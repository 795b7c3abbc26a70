import { useContext } from "react";
import type { Moment } from "../time/words.ts";
import { MomentContext } from "../time/use-moment.ts";
import { i18n } from "./index.ts";

/** The words of the interface for what is drawn in thousands: what the shell has at hand, without a look-up of one's own. */
export const useWords = (): Moment["t"] => useContext(MomentContext)?.t ?? i18n.getFixedT(null, "console");
