import { Lab } from "../lab/lab.ts";

/** A lab that is removed after `use`, whatever happened. */
export async function withLab<T>(use: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await Lab.create();
  try {
    return await use(lab);
  } finally {
    await lab.close();
  }
}
