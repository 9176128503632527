// What the server of the page answers. These types are known in all modules of the page: JSDoc names them without an import.

type Json = Record<string, any>;
/** A step of a run that has a look, or "last": the model of a run without looks. */
type Step = number | "last";
type Interval = [number, number];
/** Rows of a table behind a chart, the head first. */
type Cells = (string | number | Node)[][];

/** Where the data of the page come from: the server, or a recording. */
interface Source {
  isLive: boolean;
  /** The words that a recording offers. */
  words?: string[];
  get(path: string): Promise<any>;
  post(path: string, body: Json, method: string): Promise<any>;
  /** Return a file that the server makes. */
  file?(path: string): Promise<Blob>;
  /**
   * Hand the events of a run to `take`, and tell whether the source is "found" or "lost", and if so whether for good.
   * Return a function that ends this.
   */
  listen(run: string, take: (events: RunEvent[]) => void, tell: (name: string, isForGood: boolean) => void): () => void;
}

interface Run {
  id: string;
  kind: string;
  list: string;
  list_id?: string;
  lines: number;
  status: string;
  step: number;
  steps: number;
  knobs: Record<string, number>;
  fault?: string | null;
  mends?: string | null;
  looks: number[];
  /** The settings that differ from those of a quick run. */
  settings: Record<string, string | number | boolean>;
  seed: number;
}

interface ServerState {
  runs: Run[];
  kinds: string[];
  lists: { id: string; name: string }[];
  languages: Record<string, string>;
  language: string;
  version: string;
  most_bytes: number;
  /** Of the list; a recording has it, "" for a list of one's own. */
  licence?: string;
}

interface ListFacts {
  id: string;
  /** The run that has the list; the page adds it. */
  run?: string;
  name: string;
  lines: number;
  distinct: number;
  duplicates: [string, number][];
  symbols: number;
  alphabet: [string, number][];
  longest: string;
  leaks: { dev: number; test: number };
  splits: Record<string, number>;
  examples: string[];
  few: boolean;
  many_symbols: boolean;
}

interface RunEvent extends Json {
  type: string;
  step: number;
}

interface Turn {
  step: number;
  name: string;
  value: number;
}

interface Answer {
  step: number | null;
  note?: string | null;
}

interface LossOf {
  nats: number;
  interval: Interval;
}

interface Landmarks extends Answer {
  uniform: number;
  bigram?: number;
  kneser_ney?: number;
  ngram?: number;
  dev: LossOf;
  test: LossOf | null;
}

interface Surprisal extends Answer {
  symbols: string[];
  bits: (number | null)[];
  total_bits: number;
}

interface Sample {
  word: string;
  mark: string;
}

interface Samples extends Answer {
  words: Sample[];
}

interface Embedding extends Answer {
  symbols: string[];
  points: Interval[];
}

interface Attention extends Answer {
  symbols: string[];
  layers: number;
  weights: number[][][];
  changes: number[];
  loss: number;
  without_head: { head: number; change: number; words: number } | null;
}

interface Counts extends Answer {
  symbols: string[];
  learned: number[][];
  frequencies: number[][];
  distance: number;
}

interface Next extends Answer {
  prefix: string;
  symbols: string[];
  probabilities: number[];
}

interface States extends Answer {
  symbols: string[];
  values: number[][];
  layers: Record<string, number>;
  layer: string;
  first: number;
}

interface Unit extends Answer {
  index: number;
  units: number;
  words: { word: string; symbols: string[]; values: number[]; at: number; moved: number }[];
}

interface Activation {
  name: string;
  units: number;
  saturated: number | null;
  dead: number;
  mean: number;
  deviation: number;
}

interface Histogram {
  counts: number[];
  low: number;
  high: number;
}

interface Health extends Answer {
  activations: Activation[];
  histograms: Record<string, Histogram>;
  readings: { verdict: string; where: string; sentence: string; advice: string }[];
}

interface Memory extends Answer {
  copied: number;
  interval: Interval;
  samples: number;
  shares: Record<string, number>;
  gap: { typical: number; typical_interval: Interval } | null;
  word: { word: string; guesses: number } | null;
}

interface Guess extends Answer {
  symbols: string[];
  person: { low: number; high: number } | null;
  models: { name: string; guesses: number[]; bits: number[]; total_bits: number }[];
}

interface WeightUpdate {
  name: string;
  largest: { index: number[]; weight: number; gradient: number; after: number }[];
}

interface Lens extends Answer {
  context: string[];
  target: string;
  stages: { name: string; shape: number[]; values: any[] }[];
  symbols: { symbol: string; logit: number; probability: number; gradient: number }[];
  loss: number;
  probability: number;
  weights: WeightUpdate[] | null;
  rate: number;
  loss_after: number;
}

interface ScalarGraph extends Answer {
  svg: string;
  count: number;
  loss: number;
  nodes: { name: string; formula: string | null; data: number; grad: number }[];
}

interface Lesson {
  number: string;
  title: string;
  language: string;
  markdown: string;
}

interface RaceFacts {
  id: string;
  runs: Run[];
  /** Of each run, the settings that a person may choose. */
  settings: Record<string, number>[];
  differs: Record<string, (number | string | boolean | null)[]>;
}

interface RaceState {
  settings: Record<"quick" | "full", Record<string, Record<string, number>>>;
  at_once: number;
  newest: RaceFacts | null;
}

interface RaceResult {
  best: string;
  losses: Record<string, number>;
  against: { name: string; difference: number; interval: Interval; decided: boolean }[];
}

interface RateEvent {
  type: string;
  sentence?: string;
  suggestion?: number;
  still_falling?: boolean;
  rates: number[];
  losses: (number | null)[];
  smoothed: (number | null)[];
}

/** A setting of the words to make; the names of its type and limits are those of JSON schema. */
interface Setting {
  name: string;
  type: string;
  default: any;
  sentence: string;
  choices?: string[];
  minimum?: number;
  maximum?: number;
}

/** A word that was made or scored. `bits` of a character that has no probability are null. */
interface Made {
  word: string;
  mark: string;
  bits: number | null;
  nearest: { word: string; distance: number } | null;
  pieces: [string, number | null][];
}

/** What a check found: the lists that hold the word, and the blocked texts in it. */
interface Checked {
  word: string;
  in: string[];
  blocked_by: string[];
}

interface Kept {
  starred: string[];
  rejected: string[];
  edited: { from: string; to: string }[];
  version: number;
}

type Change = (kept: Kept) => Kept;
