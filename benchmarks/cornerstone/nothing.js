export const domainToASCII = (name) => name;
