// The shapes of Florin's own API (/api/v1), as docs/http-contract.md states them.

export interface Next {
  at: string;
  tokens: number;
  kind: string;
}

export interface PlanRef {
  id: string;
  name: string;
}

export interface Engine {
  id: string;
  name: string;
  honesty: string;
}

export interface Info {
  name: string;
  version: string;
  setup_needed: boolean;
  sign_up: 'open' | 'closed';
  virtual_clock: boolean;
  now: string;
  engines: Engine[];
}

export interface Me {
  id: string;
  email: string;
  name: string;
  admin: boolean;
  plan: PlanRef;
  zone: string;
  /** What went wrong and wants looking after. */
  notices?: Notice[] | null;
}

export interface Notice {
  code: string;
  text: string;
  page: string;
}

export interface Grant {
  id: string;
  kind: string;
  amount: number;
  remaining: number;
  starts_at: string;
  expires_at?: string | null;
}

export interface Balance {
  balance: number;
  held: number;
  frozen: number;
  displayed: number;
  relaxed_used: number;
  owed: number;
  plan: string;
  plan_name: string;
  cycle_ends?: string | null;
  next_reset: string;
  now: string;
  next?: Next | null;
  grants: Grant[];
}

export interface Pipeline {
  id: string;
  name: string;
  description: string;
  premium: boolean;
  max_images: number;
  /** Ids of the add-ons it takes. */
  addons?: string[];
}

/** Something done to one picture or mesh. */
export interface Operation {
  id: string;
  name: string;
  description: string;
  tokens: number;
  premium: boolean;
  /** Why it cannot be had here and how to get it. */
  missing?: string;
}

export interface Style {
  id: string;
  name: string;
  description: string;
}

export interface SizePreset {
  width: number;
  height: number;
  name: string;
}

export interface Plan {
  id: string;
  name: string;
  allowance: { tokens: number; every: string };
  daily_floor: number;
  pending: number;
  parallel: number;
  private: boolean;
  premium: boolean;
  relaxed: boolean;
  /** In hundredths of the currency. */
  price?: { currency: string; month: number; year: number } | null;
}

export interface Catalog {
  version: string;
  pipelines: Pipeline[];
  sizes: SizePreset[];
  plans: Plan[];
  operations?: Operation[];
  elements?: Style[];
  references?: ReferenceKind[];
  prompt_magic?: boolean;
  prompts?: boolean;
}

/** What is priced: a pipeline with its size, or an operation alone. */
export interface QuoteRequest {
  pipeline?: string;
  operation?: string;
  images?: number;
  width?: number;
  height?: number;
  references?: number;
  elements?: number;
  prompt_magic?: string;
}

export type ReferenceKind = 'palette' | 'structure' | 'edges' | 'image';

/** A picture or an upload: one of the two. */
export interface Origin {
  picture?: string;
  upload?: string;
}

export interface Reference extends Origin {
  kind: ReferenceKind;
  strength?: number;
}

export interface Element {
  id: string;
  weight?: number;
}

export interface Extend {
  left?: number;
  top?: number;
  right?: number;
  bottom?: number;
}

export type UploadKind = 'image' | 'mask' | 'mesh' | 'dataset';

export interface Upload {
  id: string;
  kind: UploadKind;
  name: string;
  format: string;
  width?: number;
  height?: number;
  bytes: number;
  url: string;
  thumbnail_url?: string;
  created_at: string;
}

export interface PictureFile {
  kind: string;
  type: string;
  bytes: number;
  url: string;
}

export interface PriceLine {
  rule: string;
  text: string;
  tokens: number;
}

export interface Quote {
  id: string;
  tokens: number;
  lines: PriceLine[];
  lane: 'fast' | 'relaxed';
  covered: boolean;
  balance: number;
  missing: number;
  next?: Next | null;
  pays: { grant: string; kind: string; tokens: number }[];
  plans: PlanRef[];
  expires_at: string;
  catalog: string;
}

export type JobStatus = 'queued' | 'running' | 'complete' | 'failed' | 'cancelled';

export interface Picture {
  id: string;
  job_id: string;
  index: number;
  url: string;
  thumbnail_url: string;
  width: number;
  height: number;
  seed: number;
  prompt: string;
  used_words?: string[] | null;
  ignored_words?: string[] | null;
  scene?: string | null;
  rewritten_prompt?: string | null;
  note?: string | null;
  operation?: string | null;
  source?: Origin | null;
  files?: PictureFile[] | null;
  created_at: string;
  job?: Job;
}

export interface Job {
  id: string;
  status: JobStatus;
  lane: 'fast' | 'relaxed';
  operation?: string;
  pipeline: string;
  prompt: string;
  negative_prompt: string;
  width: number;
  height: number;
  images: number;
  seed?: number | null;
  prompt_magic?: string;
  source?: Origin | null;
  mesh?: string;
  references?: Reference[] | null;
  elements?: Element[] | null;
  tiling?: boolean;
  price: number;
  settled: number;
  progress: number;
  position?: number | null;
  waiting_for?: string;
  estimated_start_earliest?: string | null;
  estimated_start_latest?: string | null;
  reason?: string | null;
  created_at: string;
  started_at?: string | null;
  finished_at?: string | null;
  engine?: Engine | null;
  pictures?: Picture[] | null;
}

export interface JobRequest {
  quote?: string;
  pipeline?: string;
  operation?: string;
  prompt?: string;
  negative_prompt?: string;
  width?: number;
  height?: number;
  images?: number;
  seed?: number;
  prompt_magic?: string;
  source?: Origin;
  mask?: string;
  mesh?: string;
  references?: Reference[];
  elements?: Element[];
  extend?: Extend;
  strength?: number;
  scale?: number;
  zoom?: number;
  style?: string;
  tiling?: boolean;
}

export interface Key {
  id: string;
  name: string;
  hint: string;
  scopes: Scope[];
  created_at: string;
  expires_at: string | null;
  last_used_at?: string | null;
  /** Tokens, 0 for no limit. */
  budget_day: number;
  budget_total: number;
  spent_day: number;
  spent_total: number;
  /** Told of the end of every job that the key asks for. */
  webhook_url?: string;
  /** Since when it is told nothing any more, and why. */
  webhook_disabled_at?: string | null;
  webhook_reason?: string;
}

export type Scope = 'read' | 'generate' | 'admin';

export interface KeyTerms {
  name: string;
  scopes: Scope[];
  expires_at?: string;
  budget_day?: number;
  budget_total?: number;
  webhook_url?: string;
  webhook_secret?: string;
}
