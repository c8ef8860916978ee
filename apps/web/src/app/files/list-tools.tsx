import { everything, type ListChoice } from "./list-choice.ts";

const kinds = [
  [undefined, "All"],
  ["image", "Photos"],
  ["video", "Videos"],
  ["document", "Documents"],
] as const;

const sorts = [
  ["created", "Recently added"],
  ["taken", "Date taken"],
  ["name", "Name"],
] as const;

/** Of which kind, and in which order. There is no list of one kind by name: that order is not offered then. */
export function ListTools({
  choice,
  onChoice,
}: {
  readonly choice: ListChoice;
  readonly onChoice: (choice: ListChoice) => void;
}) {
  const byTime = choice.sort === "name" ? everything.sort : choice.sort;
  return (
    <div className="list-tools">
      <fieldset className="kinds">
        <legend className="visually-hidden">Kind</legend>
        {kinds.map(([kind, word]) => (
          <label key={word}>
            <input
              type="radio"
              name="kind"
              checked={choice.kind === kind}
              onChange={() => onChoice({ ...choice, kind, sort: kind ? byTime : choice.sort })}
            />
            <span>{word}</span>
          </label>
        ))}
      </fieldset>
      <label className="sort">
        <span>Sort by</span>
        <select
          value={choice.sort}
          onChange={({ target }) => {
            const sort = sorts.find(([each]) => each === target.value)?.[0];
            if (sort) onChoice({ ...choice, sort });
          }}
        >
          {sorts.map(([sort, word]) => (
            <option key={sort} value={sort} disabled={sort === "name" && choice.kind !== undefined}>
              {word}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
