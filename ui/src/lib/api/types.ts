// The shapes that cross the door, as the program generates them (`bindings.ts`). Screens
// import shapes from here: questions are always asked whole, so what the door lets a caller
// leave out is required on this side.
import type * as door from './bindings';

export type * from './bindings';
export type Json = door.Value;
export type QueueAsk = Required<door.QueueAsk>;
export type ExceptionsAsk = Required<door.ExceptionsAsk>;
export type ActivityAsk = Required<door.ActivityAsk>;
export type Act = Required<door.Act>;
export type ReportAsk = Required<door.ReportAsk>;
export type StockAsk = Required<door.StockAsk>;
export type ReturnsAsk = Required<door.ReturnsAsk>;
export type ReportPlan = Required<door.ReportPlan>;
export type SavedView = Required<door.SavedView>;
export type ColumnChoice = Required<door.ColumnChoice>;
/** Always sent whole. */
export type Console = Omit<Required<door.Console>, 'views' | 'columns'> & {
	views: SavedView[];
	columns: ColumnChoice[];
};
export type FieldMapping = Required<door.FieldMapping>;
/** What a mapping fills. */
export type Target = door.HubField;
export type ParcelSize = Required<door.ParcelSize>;
/** The desk always says what it asked with. */
export type LabelQuotes = Omit<door.LabelQuotes, 'size'> & { size: ParcelSize };
export type RuleBook = Required<door.RuleBook>;
/** The desk always sends all of them. */
export type Settings = Required<door.Settings>;
