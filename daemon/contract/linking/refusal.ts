/** Why a specifier leads nowhere; completes "SPECIFIER: ...". */
export interface Refusal {
  reason: string
  hint: string
}
