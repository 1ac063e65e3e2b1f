/** What `devenv unlockdb --json` prints. */
export interface UnlockAnswer {
  readonly locked: boolean;
  readonly findings: readonly { readonly kind: string; readonly what: string }[];
  readonly plan: readonly { readonly text: string }[];
  readonly withheld: readonly { readonly text: string; readonly needs: string }[];
  readonly done?: readonly { readonly text: string; readonly remark: string | null }[];
  readonly snapshot?: string | null;
  readonly remaining?: readonly unknown[];
  readonly changed_tables?: readonly unknown[];
}
