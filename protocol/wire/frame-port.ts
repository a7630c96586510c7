/** The bytes of frames, both ways, over whatever carries them. The session knows nothing else of the network. */
export interface FramePort {
  /** Sends frames in order; resolves when there is room for more, undefined if there is at once. One call at a time. */
  send(frames: Uint8Array[], options: { signal: AbortSignal }): Promise<void> | undefined
  /**
   * The next frame, valid until the next call; null once the peer has ended its side between two frames. One call at a time.
   *
   * Rejects with a ProtocolError: FRAME_TOO_LARGE, FRAME_NOT_CANONICAL (length) or FRAME_TRUNCATED are offences of the peer,
   * CONNECTION_LOST is nobody's.
   */
  receive(): Promise<Uint8Array | null>
  /** Takes nothing more from the stream until `resume`: the peer can send until what lies between is full. */
  pause(): void
  resume(): void
  /** Ends the own side after what was sent; the peer can still be read. */
  end(options: { signal: AbortSignal }): Promise<void>
  /** Resolves when both sides have ended, or the signal fires. Never rejects. */
  ended(options: { signal: AbortSignal }): Promise<void>
  /** Drops everything at once. Does nothing on a stream that has ended. */
  abort(): void
}
