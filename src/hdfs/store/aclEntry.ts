/** An entry of an access control list, access or default, as `user:carla:rw-`. */
export interface AclEntry {
  readonly type: 'user' | 'group' | 'mask' | 'other';
  /** Absent for the owner, the owning group, mask and other. */
  readonly name?: string;
  /** Bits as in a mode: 4 read, 2 write, 1 execute. */
  readonly permission: number;
}
