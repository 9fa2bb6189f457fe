/** Two files that only make sense together, each naming its generation: a mix is seen at once. */
export function generation(number: number): Record<string, string> {
  return {
    'config.yaml': `generation: ${number}\nmodel:\n  name: bert-base-uncased\n  num_labels: 3\n`,
    'features.json': `{"generation": ${number}, "features": ["text", "label"]}\n`,
  };
}
