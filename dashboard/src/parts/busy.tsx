/** Shows that something is in progress, and how far when `value` is given. */
export function Busy({
  children,
  value,
  max,
}: {
  readonly children: string;
  readonly value?: number;
  readonly max?: number;
}) {
  return (
    <div role="status" className="busy">
      <progress aria-label={children} {...(value !== undefined && { value, max })} />
      <span>{children}</span>
    </div>
  );
}
