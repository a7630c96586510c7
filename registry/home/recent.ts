/** When something last happened to each of so many users; the one that was noted longest ago is forgotten first. */
export interface Recent {
  note(user: string, time: number): void
  at(user: string): number | undefined
}

export function createRecent(most: number): Recent {
  const times = new Map<string, number>()
  return {
    note(user, time) {
      times.delete(user)
      times.set(user, time)
      if (times.size > most) times.delete(times.keys().next().value!)
    },
    at: (user) => times.get(user),
  }
}
