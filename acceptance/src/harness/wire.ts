/**
 * What the suites read of the API's answers, as the contract has it. Written down here a second time on
 * purpose: the suite imports nothing of the product.
 */
export interface PresignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresInSeconds: number;
  readonly partNumber?: number;
}

export type UploadState = "pending" | "uploaded" | "verifying" | "ready" | "rejected" | "aborted";

export interface Upload {
  readonly id: string;
  readonly ref: string | null;
  readonly fileId: string;
  readonly replaces?: { readonly fileId: string; readonly version: number };
  readonly state: UploadState;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly sha256?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly expiresInSeconds?: number;
  readonly transfer?: {
    readonly kind: string;
    readonly request?: PresignedRequest;
    readonly partSizeBytes?: number;
    readonly partCount?: number;
  };
  readonly rejection?: { readonly code: string; readonly detail: string };
  readonly events?: readonly { readonly at: string; readonly type: string; readonly detail: string }[];
}

export interface Album {
  readonly id: string;
  readonly name: string;
  readonly role?: string;
  readonly sealed: boolean;
  readonly count: number;
  readonly shotsLeft?: number;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly missingParts?: readonly number[];
  /** A create or batch that failed as a whole still says what became of each item. */
  readonly items?: readonly CreateItem[];
}

export interface CreateItem {
  readonly ref: string | null;
  readonly upload?: Upload;
  readonly problem?: Problem;
}

export interface CreateAnswer {
  readonly items: readonly CreateItem[];
}

export interface CompleteBatchAnswer {
  readonly items: readonly { readonly id: string; readonly upload?: Upload; readonly problem?: Problem }[];
}

export interface UploadAnswer {
  readonly upload: Upload;
}

export interface UrlsAnswer extends UploadAnswer {
  readonly requests?: readonly PresignedRequest[];
}

export interface StoredPart {
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly sha256?: string;
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly owner: { readonly id: string };
  readonly state: string;
  readonly visibility: string;
  readonly version: number;
  readonly conflicts: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly trashedAt?: string;
  readonly quarantine?: { readonly at: string; readonly detail: string };
  readonly width?: number;
  readonly height?: number;
  readonly thumbhash?: string;
  readonly pageCount?: number;
  readonly passwordProtected?: boolean;
  readonly rendition?: { readonly kind: string; readonly sizeBytes?: number; readonly sha256?: string };
  readonly durationSeconds?: number;
  readonly activeContent?: readonly string[];
  readonly derivatives: readonly {
    readonly name: string;
    readonly contentType: string;
    readonly width: number;
    readonly height: number;
    readonly sizeBytes: number;
  }[];
}

export interface FileVersion
  extends Pick<
    StoredFile,
    "contentType" | "sizeBytes" | "sha256" | "createdAt" | "width" | "height" | "thumbhash" | "derivatives"
  > {
  readonly version: number;
  readonly state: "current" | "superseded" | "conflict";
  readonly name: string;
  readonly uploadId: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface DownloadsAnswer {
  readonly items: readonly {
    readonly id: string;
    readonly request?: PresignedRequest;
    readonly problem?: Problem;
  }[];
}

export interface Me {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly email?: string;
  readonly name?: string;
  readonly scopes: readonly string[];
  readonly usedBytes: number;
  readonly reservedBytes: number;
  readonly quotaBytes: number | null;
  readonly usedFiles: number;
  readonly quotaFiles: number | null;
  readonly organisationQuota?: {
    readonly totalBytes: number | null;
    readonly totalFiles: number | null;
  };
  readonly openUploads: number;
  readonly limits: { readonly openUploads: number | null; readonly createsPerMinute: number | null };
  readonly profiles: readonly {
    readonly name: string;
    readonly types: readonly { readonly contentType: string; readonly maxSizeBytes: number }[];
  }[];
}
