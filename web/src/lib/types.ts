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
}

export interface QuoteRequest {
  pipeline: string;
  images: number;
  width: number;
  height: number;
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
  created_at: string;
  job?: Job;
}

export interface Job {
  id: string;
  status: JobStatus;
  lane: 'fast' | 'relaxed';
  pipeline: string;
  prompt: string;
  negative_prompt: string;
  width: number;
  height: number;
  images: number;
  seed?: number | null;
  price: number;
  settled: number;
  progress: number;
  position?: number | null;
  reason?: string | null;
  created_at: string;
  started_at?: string | null;
  finished_at?: string | null;
  engine?: Engine | null;
  pictures?: Picture[] | null;
}

export interface JobRequest {
  quote?: string;
  pipeline: string;
  prompt: string;
  negative_prompt: string;
  width: number;
  height: number;
  images: number;
  seed?: number;
}

export interface Key {
  id: string;
  name: string;
  hint: string;
  created_at: string;
  last_used_at?: string | null;
}
