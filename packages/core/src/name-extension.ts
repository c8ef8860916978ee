// What the ending of a file's name says of its content (OWASP ASVS 5.0, 5.2.2).
import { safeFileName } from "./content-disposition.ts";

const mp4Family = ["video/mp4", "video/quicktime", "video/3gpp", "video/3gpp2"];
const opc = "application/vnd.openxmlformats-officedocument";
const odf = "application/vnd.oasis.opendocument";
const macros = "macroenabled.12";

/** Endings, and the types that may be under each of them: the first is the one that it names. */
const typesByExtension = new Map<string, readonly string[]>(
  (
    [
      ["jpg jpeg jpe jfif pjpeg pjp", "image/jpeg"],
      ["png apng", "image/png"],
      ["gif", "image/gif"],
      ["webp", "image/webp"],
      ["tif tiff", "image/tiff"],
      ["avif avifs", "image/avif"],
      ["heic heif heics heifs hif", "image/heic"],
      ["bmp dib", "image/bmp"],
      ["ico", "image/x-icon"],
      ["jp2", "image/jp2"],
      ["jxl", "image/jxl"],
      ["psd", "image/vnd.adobe.photoshop"],
      ["svg", "image/svg+xml"],
      ["pdf", "application/pdf"],
      ["ps eps", "application/postscript", "application/eps"],
      // One container; which of its brands a camera or a program writes is a matter of taste.
      ["mp4 m4v mp4v", ...mp4Family],
      ["mov qt", "video/quicktime", ...mp4Family],
      ["3gp 3gpp", "video/3gpp", ...mp4Family],
      ["3g2", "video/3gpp2", ...mp4Family],
      ["webm", "video/webm", "video/matroska"],
      ["mkv", "video/matroska", "video/webm"],
      ["avi", "video/vnd.avi"],
      ["mpg mpeg", "video/mpeg", "video/mp1s", "video/mp2p"],
      ["wmv asf", "video/x-ms-asf", "application/vnd.ms-asf"],
      ["mp3", "audio/mpeg"],
      ["m4a", "audio/mp4", "video/mp4"],
      ["aac", "audio/aac"],
      ["wav", "audio/wav"],
      ["flac", "audio/flac"],
      ["ogg oga opus", "audio/ogg", "video/ogg", "application/ogg"],
      ["ogv", "video/ogg", "audio/ogg", "application/ogg"],
      ["docx", `${opc}.wordprocessingml.document`],
      ["xlsx", `${opc}.spreadsheetml.sheet`],
      ["pptx", `${opc}.presentationml.presentation`],
      ["dotx", `${opc}.wordprocessingml.template`],
      ["xltx", `${opc}.spreadsheetml.template`],
      ["potx", `${opc}.presentationml.template`],
      ["ppsx", `${opc}.presentationml.slideshow`],
      ["docm", `application/vnd.ms-word.document.${macros}`],
      ["dotm", `application/vnd.ms-word.template.${macros}`],
      ["xlsm", `application/vnd.ms-excel.sheet.${macros}`],
      ["xltm", `application/vnd.ms-excel.template.${macros}`],
      ["xlam", `application/vnd.ms-excel.addin.${macros}`],
      ["xlsb", `application/vnd.ms-excel.sheet.binary.${macros}`],
      ["pptm", `application/vnd.ms-powerpoint.presentation.${macros}`],
      ["potm", `application/vnd.ms-powerpoint.template.${macros}`],
      ["ppsm", `application/vnd.ms-powerpoint.slideshow.${macros}`],
      ["ppam", `application/vnd.ms-powerpoint.addin.${macros}`],
      ["odt", `${odf}.text`],
      ["ods", `${odf}.spreadsheet`],
      ["odp", `${odf}.presentation`],
      ["odg", `${odf}.graphics`],
      ["epub", "application/epub+zip"],
      ["doc xls ppt msi", "application/x-cfb"],
      ["rtf", "application/rtf"],
      ["zip", "application/zip"],
      ["jar", "application/java-archive"],
      ["apk", "application/vnd.android.package-archive"],
      ["gz tgz", "application/gzip"],
      ["7z", "application/x-7z-compressed"],
      ["rar", "application/x-rar-compressed"],
      ["tar", "application/x-tar"],
      ["html htm xhtml xht shtml mht mhtml", "text/html", "application/xhtml+xml"],
      ["js mjs cjs", "text/javascript"],
      ["css", "text/css"],
      ["txt text log md", "text/plain", "text/markdown"],
      ["csv", "text/csv"],
      ["json", "application/json"],
      ["xml", "application/xml", "image/svg+xml"],
      ["php phtml phar", "application/x-httpd-php"],
      ["hta", "application/hta"],
      ["wasm", "application/wasm"],
      // A drawing that is packed: what shows the one shows the other.
      ["svgz", "image/svg+xml", "application/gzip"],
      ["xsl xslt", "application/xslt+xml", "application/xml"],
      // Programs and parts of them, of Windows, macOS and Linux.
      ["exe dll scr cpl ocx drv sys com pif xll wll", "application/x-msdownload"],
      ["msp mst msu", "application/x-cfb", "application/vnd.ms-cab-compressed"],
      ["cab", "application/vnd.ms-cab-compressed"],
      ["msix appx msixbundle appxbundle", "application/msix", "application/zip"],
      ["iso img vhd vhdx", "application/x-iso9660-image"],
      ["wim", "application/x-ms-wim"],
      ["vmdk", "application/x-vmdk"],
      ["dmg sparseimage", "application/x-apple-diskimage"],
      ["pkg mpkg xip", "application/x-xar"],
      ["deb", "application/x-deb"],
      ["rpm", "application/x-rpm"],
      ["elf run appimage so", "application/x-elf"],
      ["dylib", "application/x-mach-binary"],
      ["prefpane kext", "application/x-apple-bundle"],
      ["ipa", "application/x-ios-app", "application/zip"],
      ["whl", "application/x-wheel+zip", "application/zip"],
      ["snap", "application/vnd.snap"],
      ["flatpakref", "application/vnd.flatpak.ref"],
      ["class", "application/java-vm"],
      ["crx", "application/x-google-chrome-extension"],
      ["xpi", "application/x-xpinstall"],
      ["swf", "application/x-shockwave-flash"],
      ["chm", "application/vnd.ms-htmlhelp"],
      // Scripts.
      ["bat cmd", "application/x-bat"],
      ["ps1 ps1xml psm1 psd1 psc1 cdxml pssc", "application/x-powershell"],
      ["vb vbs vbe wsf wsc wsh ws sct", "text/vbscript"],
      ["jse", "text/javascript"],
      ["htc", "text/x-component"],
      ["sh bash zsh ksh csh command", "application/x-sh"],
      ["applescript scpt scptd workflow terminal", "application/x-applescript"],
      ["py pyw pyc pyz", "text/x-python"],
      ["pl", "text/x-perl"],
      ["rb", "text/x-ruby"],
      ["asp aspx ashx asmx", "application/x-asp"],
      ["jsp jspx", "application/x-jsp"],
      ["cgi fcgi", "application/x-cgi"],
      // What a system opens, mounts, fetches or sets up by, whoever sent it.
      ["lnk", "application/x-ms-shortcut"],
      ["url website", "application/x-mswinurl"],
      ["webloc inetloc fileloc", "application/x-webloc"],
      ["desktop", "application/x-desktop"],
      ["scf", "application/x-ms-shell-command"],
      ["shs shb", "application/x-ms-scrap"],
      ["job", "application/x-ms-task"],
      ["udl", "text/x-ms-udl"],
      ["crt", "application/x-x509-ca-cert"],
      ["osdx", "application/opensearchdescription+xml"],
      ["service", "text/x-systemd-unit"],
      ["ini", "text/x-ini"],
      ["library-ms search-ms searchconnector-ms", "application/x-ms-library"],
      ["settingcontent-ms", "application/x-ms-setting-content"],
      ["application appref-ms appinstaller vsto", "application/x-ms-application"],
      ["jnlp", "application/x-java-jnlp-file"],
      ["msc", "application/x-ms-console"],
      ["reg", "application/x-ms-regedit"],
      ["inf ins isp", "application/x-ms-setup"],
      ["theme themepack deskthemepack", "application/x-ms-theme"],
      ["diagcab diagpkg diagcfg", "application/x-ms-diagnostics", "application/vnd.ms-cab-compressed"],
      ["gadget", "application/x-windows-gadget", "application/zip"],
      ["rdp", "application/x-rdp"],
      ["mobileconfig", "application/x-apple-aspen-config"],
      ["hlp", "application/winhlp"],
      ["xbap", "application/x-ms-xbap"],
      ["xaml", "application/xaml+xml"],
      // Documents that are programs, and sheets that ask for what is elsewhere.
      ["accdb accde accda mdb mde ade adp", "application/vnd.ms-access"],
      ["iqy oqy dqy rqy", "text/x-ms-iqy"],
      ["slk", "text/x-sylk"],
      ["one onepkg", "application/onenote"],
    ] as const
  ).flatMap(([extensions, ...types]) =>
    extensions.split(" ").map((extension) => [extension, types] as const),
  ),
);

/** Documents that are ZIP files, under that name. */
const isZipDocument = (contentType: string): boolean =>
  contentType.startsWith(opc) || contentType.startsWith(odf) || contentType === "application/epub+zip";

/**
 * The last ending of a name, in lower case and without its dot; dots and spaces at the end, which some systems drop, do
 * not count. `undefined` where there is none.
 */
export function extensionOf(name: string): string | undefined {
  return /\.([^.\s/\\]{1,32})[.\s]*$/u.exec(name)?.[1]?.toLowerCase();
}

/**
 * Whether a name's ending speaks of another type than the content has: `photo.html` of a JPEG. An ending that nobody
 * knows, or none at all, speaks of no type.
 *
 * @param contentType canonical, as verification found it
 * @returns the type that the name speaks of; `undefined` where nothing contradicts the content
 */
export function typeContradictedBy(name: string, contentType: string): string | undefined {
  const extension = extensionOf(name);
  const types = extension === undefined ? undefined : typesByExtension.get(extension);
  if (!types || types.includes(contentType)) return undefined;
  if (extension === "zip" && isZipDocument(contentType)) return undefined;
  return types[0];
}

/**
 * A safe name under which content is given out: one whose ending would make the receiver's system take it for something
 * else (it was renamed, or another version has come under it) gets its own ending behind that. What is looked at is what
 * is left of a name once it is safe: to cut a long one may lay an ending bare that was in its midst.
 */
export function nameForContent(name: string, contentType: string): string {
  const safe = safeFileName(name);
  if (typeContradictedBy(safe, contentType) === undefined) return safe;
  const own = extensionFor(contentType) ?? "bin";
  return safeFileName(`${safe.replace(/[.\s]+$/u, "")}.${own}`);
}

function extensionFor(contentType: string): string | undefined {
  for (const [extension, [first]] of typesByExtension) if (first === contentType) return extension;
  return undefined;
}
