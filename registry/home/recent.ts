/** When something last happened to each of so many users, nodes or networks; the one that was noted longest ago is forgotten first. */
export interface Recent {
  note(who: string, time: number): void
  at(who: string): number | undefined
  forget(who: string): void
}

export function createRecent(most: number): Recent {
  const times = new Map<string, number>()
  return {
    note(who, time) {
      times.delete(who)
      times.set(who, time)
      if (times.size > most) times.delete(times.keys().next().value!)
    },
    at: (who) => times.get(who),
    forget: (who) => void times.delete(who),
  }
}
