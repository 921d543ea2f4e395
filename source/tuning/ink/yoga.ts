/** Yoga without `fetch` and without top-level await: the bytes are here already, and Node.js may compile them synchronously. */
import loadYoga, {wasmBase64, type Library} from 'original:yoga-glue';
import wrapAssembly from 'original:yoga-assembly';

type WebAssemblyLike = {
	Module: new (bytes: Uint8Array) => object;
	Instance: new (module: object, imports: object) => {exports: object};
};
const {WebAssembly} = globalThis as unknown as {WebAssembly: WebAssemblyLike};

const library: Library = {
	instantiateWasm(imports, ready) {
		const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasmBase64, 'base64')), imports);
		ready(instance);
		return instance.exports;
	},
};
// Everything has happened when this returns; the promise only repeats it.
void loadYoga(library);

export default wrapAssembly(library);
export * from 'original:yoga-enums';
