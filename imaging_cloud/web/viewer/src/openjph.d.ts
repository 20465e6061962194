declare module "@cornerstonejs/codec-openjph" {
  const make: (options: Record<string, unknown>) => Promise<unknown>;
  export default make;
}
