/** A document that knows the types of its answer and of its variables. Code generators write such documents, too. */
export interface Document<Data, Variables> {
  toString(): string;
  readonly __apiType?: (variables: Variables) => Data;
}

/** A document of this package. */
export type Operation<Data, Variables> = string & Document<Data, Variables>;
