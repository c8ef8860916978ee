/** Three prints of landscapes that nobody took: decoration, drawn rather than loaded. */
export function PrintsPicture() {
  return (
    <svg className="prints" viewBox="0 0 560 520" aria-hidden="true" focusable="false">
      <defs>
        <linearGradient id="dawn" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#f3c98b" />
          <stop offset="1" stopColor="#f8e6c8" />
        </linearGradient>
        <linearGradient id="day" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#a9cbd0" />
          <stop offset="1" stopColor="#e5eee6" />
        </linearGradient>
        <linearGradient id="dusk" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#3d4a5c" />
          <stop offset="1" stopColor="#c98f76" />
        </linearGradient>
        <clipPath id="print-a">
          <rect width="300" height="210" rx="10" />
        </clipPath>
        <clipPath id="print-b">
          <rect width="210" height="270" rx="10" />
        </clipPath>
        <clipPath id="print-c">
          <rect width="270" height="190" rx="10" />
        </clipPath>
      </defs>
      <g transform="translate(224 8) rotate(3.5 150 105)">
        <rect className="print-back" x="-10" y="-10" width="320" height="230" rx="16" />
        <g clipPath="url(#print-a)">
          <rect width="300" height="210" fill="url(#dawn)" />
          <circle cx="214" cy="82" r="26" fill="#fff4dc" />
          <path d="M0 140 70 92l48 34 60-52 70 58 52-30v108H0z" fill="#c3825c" opacity=".55" />
          <path d="M0 168 58 132l66 40 74-46 102 62v22H0z" fill="#7d4a3c" opacity=".75" />
          <path d="M0 190c60-22 120-14 176-2s90 6 124-6v28H0z" fill="#3c2a2a" />
        </g>
      </g>
      <g transform="translate(20 120) rotate(-4 105 135)">
        <rect className="print-back" x="-10" y="-10" width="230" height="290" rx="16" />
        <g clipPath="url(#print-b)">
          <rect width="210" height="270" fill="url(#day)" />
          <path d="M0 150 62 66l40 52 34-36 74 96v92H0z" fill="#5f8580" />
          <path d="M62 66 44 90l14 8 10-8 12 12 6-4z" fill="#f4f6f2" />
          <path d="M0 196c50-26 96-12 132 4s58 10 78-2v72H0z" fill="#1f5b49" />
          <path d="M0 236c44-16 92-8 128 2s60 8 82 0v32H0z" fill="#133a2f" />
        </g>
      </g>
      <g transform="translate(232 286) rotate(1.5 135 95)">
        <rect className="print-back" x="-10" y="-10" width="290" height="210" rx="16" />
        <g clipPath="url(#print-c)">
          <rect width="270" height="190" fill="url(#dusk)" />
          <path d="M0 118h270v72H0z" fill="#2b3848" />
          <path
            d="M96 118h78l24 12H72zM84 138h102l10 6H74zM70 154h130l14 8H58z"
            fill="#e0a886"
            opacity=".6"
          />
          <circle cx="135" cy="106" r="24" fill="#f6cfa6" />
          <path d="M0 118h270v4H0z" fill="#2b3848" />
          <path d="M0 104c40-10 66-2 92 14H0zM270 98c-34-6-62 6-86 20h86z" fill="#222c39" />
        </g>
      </g>
    </svg>
  );
}
